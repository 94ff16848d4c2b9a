// Validates an AsyncAPI document with AsyncAPI's own parser: .ci/asyncapi.mjs FILE [TOOLS]
// TOOLS is the directory whose node_modules hold @asyncapi/parser and @asyncapi/protobuf-schema-parser.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [file, tools = "."] = process.argv.slice(2);
const require = createRequire(resolve(tools, "package.json"));
const { Parser, fromFile } = require("@asyncapi/parser");
const { ProtoBuffSchemaParser } = require("@asyncapi/protobuf-schema-parser");

const parser = new Parser();
parser.registerSchemaParser(ProtoBuffSchemaParser());
const { document, diagnostics } = await fromFile(parser, file).parse();

const severities = ["error", "warning", "information", "hint"];
for (const { severity, code, path, message } of diagnostics) {
  console.log(`${severities[severity]}: ${path.join(".")}: ${message} (${code})`);
}
// That there is a newer AsyncAPI is for information; warnings are not let pass.
const bad = diagnostics.filter(({ severity }) => severity < 2).length;
if (!document || bad > 0) process.exit(1);
const messages = document.allMessages().all().map((message) => message.name());
console.log(`${file}: AsyncAPI ${document.version()}, ${document.allChannels().all().length} channels, messages ${messages.join(", ")}`);
