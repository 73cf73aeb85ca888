"""What leaves the room: tables, later briefs, slides and packs. Every file says where its numbers come from."""
