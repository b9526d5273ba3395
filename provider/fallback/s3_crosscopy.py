"""Says how to repair an upgrade from 0.1.0; it is imported only when the package `s3_crosscopy` beside it is gone.

Until 0.1.0 its files belonged to the distribution airflow-provider-s3-crosscopy. pip installs them anew, as those of
s3-crosscopy, and afterwards removes the older distribution with all of its files.
"""

raise ImportError(
    "s3_crosscopy: pip removed its files when it upgraded airflow-provider-s3-crosscopy from 0.1.0. Install them "
    "again: pip install --force-reinstall --no-deps s3-crosscopy==0.2.0"
)
