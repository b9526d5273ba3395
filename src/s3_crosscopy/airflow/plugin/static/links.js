// Addresses of Airflow's own pages, below wherever Airflow is.

const ROOT = new URL("../../", import.meta.url).pathname;
const part = encodeURIComponent;

const runUrl = ({ dagId, runId }) => `${ROOT}dags/${part(dagId)}/runs/${part(runId)}`;

/** The tab of a task instance. */
export function instanceUrl(where, taskId, mapIndex) {
  const mapped = mapIndex < 0 ? "" : `/mapped/${mapIndex}`;
  return `${runUrl(where)}/tasks/${part(taskId)}${mapped}/plugin/s3-copy`;
}

/** The tab of a task, or the list of its mapped instances. */
export const taskUrl = (where, { task_id: taskId, mapped }) =>
  mapped ? `${runUrl(where)}/tasks/${part(taskId)}/mapped` : instanceUrl(where, taskId, -1);

/** The question that a task asks: of one task, or of all that do in this run. */
export function questionUrl(where, tasks) {
  const mapped = where.mapIndex === undefined || Number(where.mapIndex) < 0 ? "" : `/mapped/${where.mapIndex}`;
  const asking = where.taskId ?? tasks.find(({ statuses, mapped: several }) => !several && statuses === "q")?.task_id;
  return `${runUrl(where)}${asking === undefined ? "" : `/tasks/${part(asking)}${mapped}`}/required_actions`;
}
