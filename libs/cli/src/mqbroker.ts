#!/usr/bin/env node
import { runBroker } from './broker-command.js';
import { runAsProgram } from './command-host.js';

runAsProgram(runBroker);
