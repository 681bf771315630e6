#!/usr/bin/env node
import { banner } from './index.ts';

process.stdout.write(`${banner()}\n`);
