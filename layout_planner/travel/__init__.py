"""The travel-time engine: road networks, snapping, searches and travel matrices. It knows no schools."""
