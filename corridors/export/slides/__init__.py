"""A meeting as slides: on screen, as PPTX, as a folder of pages."""
