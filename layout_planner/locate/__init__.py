"""The facility-location engine: problems in, results with a bound out. It knows no schools."""
