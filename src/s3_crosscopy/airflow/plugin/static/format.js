// Numbers as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const SPANS = [["d", 86_400, "h", 3600], ["h", 3600, "min", 60], ["min", 60, "s", 1]];

export const count = (number) => whole.format(number);

export const rate = (number) => (number < 100 ? tenths : whole).format(number);

export const time = (seconds) => clock.format(new Date(seconds * 1000));

export function bytes(number) {
  let unit = 0;
  for (; number >= 1024 && unit < UNITS.length - 1; unit++) number /= 1024;
  return `${(unit ? tenths : whole).format(number)} ${UNITS[unit]}`;
}

export function span(seconds) {
  if (seconds < 60) return `${whole.format(seconds)} s`;
  const all = Math.round(seconds);
  const [unit, each, below, part] = SPANS.find(([, size]) => all >= size);
  const rest = Math.floor((all % each) / part);
  return `${Math.floor(all / each)} ${unit}${rest ? ` ${rest} ${below}` : ""}`;
}
