"use strict";
// Two answers side by side. What both callers see of the same thing faces each other; what differs is coloured.

window.showAnswers = (place, left, right) => {
  const rows = [];
  pair(rows, { value: left.answer, end: "" }, { value: right.answer, end: "" }, "", "");
  const table = element("div", "rows");
  table.append(heading(left.person), heading(right.person));
  for (const { lines, differs } of rows) {
    for (const line of lines) {
      table.append(element("pre", line === undefined ? "absent" : differs ? "differs" : "", line));
    }
  }
  const count = rows.filter((row) => row.differs).length;
  const says = ["Both callers get the same answer.", "One line differs."][count] ?? `${count} lines differ.`;
  place.replaceChildren(element("p", "count", says), table);
};

function heading(person) {
  const place = element("h2", "", person.name);
  place.append(element("small", "", person.company));
  return place;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text; // never as HTML: answers hold what other companies wrote
  return made;
}

// Add the rows of two parts {value, end}; a part is undefined where a caller has none. The end is a comma or nothing.
function pair(rows, left, right, indent, label) {
  const brackets = left && right && isParent(left.value) && isParent(right.value) &&
    Array.isArray(left.value) === Array.isArray(right.value) && (Array.isArray(left.value) ? "[]" : "{}");
  if (!brackets) {
    const [a, b] = [left, right].map((part) => part ? written(part, indent, label) : []);
    const differs = a.join("\n").replace(/,$/, "") !== b.join("\n").replace(/,$/, "");
    for (let i = 0; i < Math.max(a.length, b.length); i++) rows.push({ lines: [a[i], b[i]], differs });
    return;
  }
  const opening = `${indent}${label}${brackets[0]}`;
  rows.push({ lines: [opening, opening], differs: false });
  for (const { left: a, right: b, name } of matched(parts(left.value), parts(right.value))) {
    pair(rows, a, b, `${indent}  `, name);
  }
  const closing = [left, right].map(({ end }) => `${indent}${brackets[1]}${end}`);
  rows.push({ lines: closing, differs: false });
}

const isParent = (value) => typeof value === "object" && value !== null && Object.keys(value).length > 0;

const written = ({ value, end }, indent, label) =>
  `${label}${JSON.stringify(value, null, 2)}${end}`.split("\n").map((line) => indent + line);

// The parts of a list or an object: each with the key by which it is the same thing in the other answer.
function parts(parent) {
  const entries = Object.entries(parent);
  return entries.map(([name, value], i) => ({
    value,
    end: i < entries.length - 1 ? "," : "",
    name: Array.isArray(parent) ? "" : `${JSON.stringify(name)}: `,
    key: Array.isArray(parent) ? identity(value) ?? i : name,
  }));
}

const identity = (value) => value?.id ?? value?.company?.id ?? value?.company?.name;

// Parts with equal keys face each other, as many as keep the order of both (a longest common subsequence).
function matched(a, b) {
  const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i][j] = a[i].key === b[j].key ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const found = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i].key === b[j].key) {
      found.push({ left: a[i], right: b[j++], name: a[i++].name });
    } else if (j === b.length || (i < a.length && longest[i + 1][j] >= longest[i][j + 1])) {
      found.push({ left: a[i], name: a[i++].name });
    } else {
      found.push({ right: b[j], name: b[j++].name });
    }
  }
  return found;
}
