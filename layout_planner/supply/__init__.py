"""From school tables to seats, rooms and beds."""
