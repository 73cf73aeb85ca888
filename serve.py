"""The server's entry: `streamlit run serve.py` (or any ASGI server with `serve:app`).

It serves dashboard.py. `streamlit run dashboard.py` works too, but for one flaw: because the folder `pages/` exists, Streamlit
takes the very first visit after a start for an application of its old kind and tells a visitor who came by a deep link
"Page not found", although the page then appears. Saying beforehand that this is none mends it.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

PagesManager.uses_pages_directory = False
app = st.App("dashboard.py")
