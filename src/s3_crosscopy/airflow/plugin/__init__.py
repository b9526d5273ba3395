"""The tab "S3 copy" of Airflow's UI: what registers it, the routes it asks, and the page itself under `static/`."""
