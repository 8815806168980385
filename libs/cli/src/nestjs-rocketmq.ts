#!/usr/bin/env node
import { runAsProgram } from './command-host.js';
import { runStoreCommand } from './store-command.js';

runAsProgram(runStoreCommand);
