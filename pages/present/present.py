"""Present: one slide of a meeting in the full window; keys and a clicker turn the page."""

from corridors.ui import slide_parts

if found := slide_parts.opened():
    slide_parts.show(*found)
