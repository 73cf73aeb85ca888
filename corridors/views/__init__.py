"""What pages, briefs and slides say, made ready from rows: cards, charts, words. No Streamlit; a bare number is refused."""
