"""Speaker's notes: what to say with the slide on screen, how long, and what comes next."""

from corridors.ui import slide_parts

if found := slide_parts.opened():
    slide_parts.notes(*found)
