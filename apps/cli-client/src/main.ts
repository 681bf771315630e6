#!/usr/bin/env node
process.stderr.write('parley: the client is being built\n');
process.exitCode = 1;
