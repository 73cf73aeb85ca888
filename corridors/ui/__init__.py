"""What several pages share. With dashboard.py and pages/ the only code that knows Streamlit."""
