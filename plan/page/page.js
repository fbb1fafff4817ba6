// All that the page cannot do without it is the filter, the two buttons, and the switch between dark and light.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const on = (id, event, act) => document.getElementById(id).addEventListener(event, act);
const filter = document.getElementById("filter");
const found = document.getElementById("found");

function setOpen(open) {
  for (const details of all("details.part:not([hidden])")) details.open = open;
}

// A part that holds what was asked for is open while it is asked for.
function search() {
  const asked = filter.value.trim().toLowerCase();
  let count = 0;
  for (const part of all("details.part")) {
    const resources = all("details.resource", part);
    for (const resource of resources) resource.hidden = !resource.textContent.toLowerCase().includes(asked);
    const left = resources.filter((resource) => !resource.hidden).length;
    const isNamed = part.querySelector("summary").textContent.toLowerCase().includes(asked);
    if (left === 0 && isNamed) for (const resource of resources) resource.hidden = false;
    part.hidden = asked !== "" && left === 0 && !isNamed;
    part.open = asked !== "" && left > 0;
    count += left;
  }
  found.textContent = asked === "" ? "" : `${count} found`;
}

// A browser goes to a part by its address and leaves it closed.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target === null || target.tagName !== "DETAILS") return;
  target.hidden = false;
  target.open = true;
  target.querySelector("summary").focus({ preventScroll: true });
  target.scrollIntoView();
}

function switchTheme() {
  const { theme } = document.documentElement.dataset;
  const isDark = theme === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
  document.documentElement.dataset.theme = isDark ? "light" : "dark";
}

on("theme", "click", switchTheme);
on("open", "click", () => setOpen(true));
on("close", "click", () => setOpen(false));
on("filter", "input", search);
addEventListener("hashchange", openTarget);
for (const link of all('a[href^="#"]')) link.addEventListener("click", () => setTimeout(openTarget));
openTarget();
