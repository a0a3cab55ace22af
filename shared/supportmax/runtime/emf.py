"""Metrics for CloudWatch as lines of the log, in its embedded metric format: no client, no call, no import.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import time
from typing import Literal

NAMESPACE = "SupportMax"
Unit = Literal["Count", "Milliseconds", "Seconds"]
# Lambda says so; elsewhere nobody reads such lines.
_FUNCTION = "AWS_LAMBDA_FUNCTION_NAME"


def emit(name: str, value: float, unit: Unit = "Count", **dimensions: str) -> None:
    """One value of a metric, of this function and with these further dimensions."""
    function = os.environ.get(_FUNCTION)
    if not function:
        return
    named = {"FunctionName": function, **dimensions}
    about = {"Namespace": NAMESPACE, "Dimensions": [[*named]], "Metrics": [{"Name": name, "Unit": unit}]}
    head = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [about]}
    print(json.dumps({"_aws": head, **named, name: value}), flush=True)


def note_turn(action: str, milliseconds: float) -> None:
    """What the machine did with a question, and how long it took."""
    emit("Turns", 1, Action=action)
    emit("TurnLatency", round(milliseconds, 1), "Milliseconds")
