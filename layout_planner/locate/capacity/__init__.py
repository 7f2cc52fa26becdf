"""The engine of capacitated location: open sets, transport of divided demand, whole demands, and their bounds."""
