"""The tab "S3 copy" of Airflow's UI: its registration, its routes, its data, and the page itself under `static/`."""
