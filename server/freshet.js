#!/usr/bin/env node
// Plain old JavaScript: an old Node must be able to read this file far enough to say that it is too old.
var NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  process.stderr.write(
    'Freshet needs Node ' +
      NEEDED +
      ' and this is Node ' +
      process.versions.node +
      ': run `npm ci` once, which brings it, and then `npx freshet ...` or `npm run freshet -- ...` in the project folder.\n',
  );
  process.exitCode = 1;
} else {
  import('./cli/run.ts').then(function (cli) {
    return cli.runAsProcess();
  });
}
