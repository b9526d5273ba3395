"""Logic without I/O: functions of values, without clock, log, configuration or S3."""
