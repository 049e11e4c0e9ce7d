// Resolves imports of packages from $ROLLBOOK_SDK_DIR/node_modules, so that one
// suite in the source tree runs against any installed version of the SDK.
// (NODE_PATH does that for `require` alone.)

import module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

const elsewhere = pathToFileURL(join(process.env.ROLLBOOK_SDK_DIR, "package.json")).href;

const namesPackage = (specifier) => /^(@|[a-z])/i.test(specifier) && !URL.canParse(specifier) && !module.isBuiltin(specifier);

export function resolve(specifier, context, next) {
  // What a package imports is found from where that package lies.
  const fromSuite = !context.parentURL?.includes("/node_modules/");
  return next(specifier, fromSuite && namesPackage(specifier) ? { ...context, parentURL: elsewhere } : context);
}

// Node before 22.15 loads this file a second time, in a thread for hooks.
if (module.registerHooks) {
  module.registerHooks({ resolve });
} else if (isMainThread) {
  module.register(import.meta.url);
}
