"""Reading and writing: the only room that touches files of the user."""
