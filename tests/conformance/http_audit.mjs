// Runs the audits of graphql-http, one after the other, and prints each result as JSON: node http_audit.mjs MODULES URL TOKEN
import { createRequire } from "node:module";

const [, , modules, url, token] = process.argv;
const { serverAudits } = createRequire(`${modules}/`)("graphql-http");
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason });
}
console.log(JSON.stringify(results));
