"""What pages are made of. With dashboard.py and pages/ the only code that knows Streamlit."""
