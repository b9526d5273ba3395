"""Four copies that ask a person, in a real Airflow: applied, rejected, not answered, and changed before the answer."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.airflow.connection_env import role_connection
from tests.airflow.versions import ASKS_PEOPLE, WAITING_FOR_A_PERSON
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer
from tests.ui.airflow_site import Site
from tests.waiting import wait_until

TASKS = ("apply", "reject", "timeout", "changed")
RUN = "asked"
TIMEOUT_S = 120.0
BELOW = f"/api/v2/dags/approved/dagRuns/{RUN}"


class Asked:
    """The run, and both buckets."""

    def __init__(self, site: Site, moto: MotoServer) -> None:
        self.site, self.token = site, site.login("admin")
        self.bucket = f"appr-{uuid.uuid4().hex[:10]}"
        self.s3 = moto.client(moto.dst)
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        for task in TASKS:
            self.put(f"in/{task}/new")
            self.put(f"out/{task}/stale")

    def put(self, key: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x")

    def copies(self) -> dict[str, dict[str, Any]]:
        place = f"s3://{self.bucket}"
        return {
            task: {
                "source": f"{place}/in/{task}/",
                "dest": f"{place}/out/{task}/",
                "report": f"{place}/reports/{task}/",
                "approve_timeout": 15 if task == "timeout" else 600,
            }
            for task in TASKS
        }

    def keys(self, task: str) -> list[str]:
        prefix = f"out/{task}/"
        rows = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [row["Key"].removeprefix(prefix) for row in rows]

    def state(self, task: str) -> tuple[str | None, int]:
        ((state, tries),) = self.site.sql(
            "select state, try_number from task_instance where run_id = ? and task_id = ?", RUN, task
        )
        return state, tries

    def parks(self, task: str, times: int = 1) -> None:
        """Until the task waits, and the scheduler has heard that its process has ended.

        Airflow 3.3.2 takes the end of the process for that of a task that was resumed a moment before, and retries it.
        """
        self.until(task, WAITING_FOR_A_PERSON)
        log = self.site.airflow.database.with_name("scheduler.log")
        heard = f"with state success for task instance TaskInstanceKey(dag_id='approved', task_id='{task}'"
        wait_until(lambda: log.read_text(errors="replace").count(heard) >= times, TIMEOUT_S, self.site.logs)

    def until(self, task: str, state: str) -> None:
        wait_until(
            lambda: self.state(task)[0] == state, TIMEOUT_S, lambda: f"{task} is {self.state(task)}\n{self.site.logs()}"
        )

    def question(self, task: str) -> dict[str, Any]:
        detail: dict[str, Any] = self.site.get(f"{BELOW}/taskInstances/{task}/-1/hitlDetails", self.token).json()
        return detail

    def tab(self, task: str) -> dict[str, Any]:
        """The data of the tab "S3 copy"."""
        path = f"/s3-crosscopy/dags/approved/progress?run_id={RUN}&task_id={task}"
        view: dict[str, Any] = self.site.get(path, self.token).json()["view"]
        return view

    def answer(self, task: str, option: str, **params: str) -> None:
        body = {"chosen_options": [option], "params_input": params}
        answer = self.site.patch(f"{BELOW}/taskInstances/{task}/-1/hitlDetails", body, self.token)
        assert answer.status == 200, answer.body


@pytest.mark.skipif(not ASKS_PEOPLE, reason="Airflow asks people since 3.1")
def test_a_copy_waits_for_a_person_and_does_what_was_approved(airflow_site: Site, moto: MotoServer) -> None:
    asked = Asked(airflow_site, moto)
    env = {
        "APPROVED_COPIES": json.dumps(asked.copies()),
        "AIRFLOW_CONN_AWS_COPIER": role_connection(moto.endpoint_url, DST_ACCOUNT_ID),
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
    }
    with airflow_site.scheduler(env), airflow_site.triggerer():
        airflow_site.trigger("approved", RUN, asked.token)
        for task in ("apply", "reject", "changed"):
            asked.parks(task)
        question = asked.question("apply")
        assert "would be deleted: **1 keys**" in question["body"]
        assert "/apply/stale" in question["body"]
        assert asked.tab("apply")["headline"]["text"] == "Waiting for approval"

        asked.put("out/changed/stale too")
        asked.answer("apply", "Approve")
        asked.answer("reject", "Reject")
        asked.answer("changed", "Approve")

        asked.until("apply", "success")
        asked.until("reject", "failed")
        asked.until("timeout", "failed")
        wait_until(lambda: asked.question("changed")["response_received"] is False, TIMEOUT_S, airflow_site.logs)
        asked.parks("changed", 2)
        assert asked.keys("changed") == ["stale", "stale too"]
        asked.answer("changed", "Approve", plan=code_in_log(airflow_site))
        asked.until("changed", "success")

    assert [asked.keys(task) for task in TASKS] == [["new"], ["stale"], ["stale"], ["new"]]
    assert {asked.state(task)[1] for task in TASKS} == {1}
    assert [asked.tab(task)["headline"]["text"] for task in TASKS] == ["Done", "Failed", "Failed", "Done"]
    assert "it was rejected by admin" in asked.tab("reject")["whys"][0]["text"]
    assert "nobody approved it in time" in asked.tab("timeout")["whys"][0]["text"]


def code_in_log(site: Site) -> str:
    """The code of the plan that the task shows in its log, because people see an older one."""
    words = site.logs().split("they have to enter its code, ")
    return words[-1][:8]
