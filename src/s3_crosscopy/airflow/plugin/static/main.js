// What Airflow imports for the tab. It shows the function that it then finds under the tab's title, inside its own page:
// with its React, in its colours, and with the cookie of whoever is logged in.

import { Page } from "./page.js";

const TAB = "S3 copy";

// Once, and before anything is shown. Airflow imports this again only after the page was loaded again.
await new Promise((done) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("./page.css", import.meta.url).href;
  link.onload = link.onerror = done;
  document.head.append(link);
});

globalThis[TAB] = globalThis.AirflowPlugin = Page;
