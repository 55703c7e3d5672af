"use strict";
const home = document.getElementById("cards");
const cards = Array.from(home.children);
const field = (id) => document.getElementById(id);

function value(card, name) {
  const text = card.getAttribute("data-" + name.replaceAll("_", "-"));
  return text === null ? NaN : Number(text);
}

function compare(a, b) {
  const name = field("sort").value;
  const byName = a.dataset.name.localeCompare(b.dataset.name, "en", { numeric: true });
  if (!name) return byName;
  const [x, y] = [value(a, name), value(b, name)];
  // What is undefined comes last, whichever the order.
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || byName;
  return (x - y) * Number(field("order").value) || byName;
}

function show() {
  const wanted = field("filter").value.trim().toLowerCase();
  let count = 0;
  for (const card of cards.slice().sort(compare)) {
    const remarks = card.querySelector(".remarks");
    const text = card.dataset.name + " " + (remarks ? remarks.textContent : "");
    card.hidden = !text.toLowerCase().includes(wanted) || (field("remarked").checked && !remarks);
    count += !card.hidden;
    home.append(card);
  }
  field("count").textContent = count + " of " + cards.length;
}

function enlarge(card, large) {
  for (const one of cards) one.classList.toggle("large", one === card && large);
}

function go(step) {
  const shown = Array.from(home.children).filter((card) => !card.hidden);
  if (!shown.length) return;
  const place = shown.indexOf(document.activeElement);
  const next = shown[place < 0 ? 0 : Math.min(Math.max(place + step, 0), shown.length - 1)];
  const large = document.querySelector(".large");
  next.focus();
  if (large) enlarge(next, true);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") return enlarge(null, false);
  if (/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
  const steps = { j: 1, ArrowRight: 1, ArrowDown: 1, k: -1, ArrowLeft: -1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    go(steps[event.key]);
  } else if (event.key === "Enter" && event.target.matches("article")) {
    enlarge(event.target, !event.target.classList.contains("large"));
  }
});
home.addEventListener("click", (event) => {
  const card = event.target.closest("article");
  if (card) enlarge(card, !card.classList.contains("large"));
});
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
document.querySelector("form").addEventListener("input", show);
if (field("sort").options.length > 1) field("sort").selectedIndex = 1;
show();
