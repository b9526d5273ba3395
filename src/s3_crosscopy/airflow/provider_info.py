"""The metadata of this provider for Airflow. Imports nothing, because Airflow reads it while being imported itself."""

from __future__ import annotations


def get_provider_info() -> dict[str, object]:
    """The provider's entry in `airflow providers list` (entry point group `apache_airflow_provider`)."""
    return {
        "package-name": "airflow-provider-s3-crosscopy",
        "name": "S3 cross-account copy",
        "description": "Copies S3 objects and prefixes server-side between AWS accounts.",
        "integrations": [
            {
                "integration-name": "Amazon S3 cross-account copy",
                "external-doc-url": "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html",
                "tags": ["aws"],
            }
        ],
        "operators": [
            {
                "integration-name": "Amazon S3 cross-account copy",
                "python-modules": [
                    "s3_crosscopy.airflow.operator",
                    "s3_crosscopy.airflow.plan_operator",
                    "s3_crosscopy.airflow.shard_operators",
                ],
            }
        ],
        "config": {
            "s3_crosscopy": {
                "description": "Settings of the provider for S3 cross-account copies.",
                "options": {
                    "show_tab": {
                        "description": "Show the tab *S3 copy* on the pages of tasks and DAG runs.",
                        "version_added": "0.2.0",
                        "type": "boolean",
                        "example": None,
                        "default": "True",
                    }
                },
            }
        },
        "extra-links": [
            "s3_crosscopy.airflow.console_links.SourceLink",
            "s3_crosscopy.airflow.console_links.DestLink",
        ],
        # For information only: Airflow loads the plugin by the entry point group `airflow.plugins`.
        "plugins": [{"name": "s3_crosscopy", "plugin-class": "s3_crosscopy.airflow.plugin.plugin.S3CopyPlugin"}],
    }
