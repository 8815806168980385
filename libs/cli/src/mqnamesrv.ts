#!/usr/bin/env node
import { runAsProgram } from './command-host.js';
import { runNamesrv } from './namesrv-command.js';

runAsProgram(runNamesrv);
