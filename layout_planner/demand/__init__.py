"""From people to pupils: by demand point and grade band."""
