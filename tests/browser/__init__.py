"""The main job as a person does it: Chromium on a real `streamlit run`."""
