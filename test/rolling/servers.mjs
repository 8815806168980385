// A Nest application that hosts a name server and a broker. Arguments: the directory of the compiled modules, and that of
// the store. Prints ["started", address of the name server].
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, directory] = process.argv.slice(2);
const { BrokerModule, HostedNameServer, NameServerModule } = await import(
  pathToFileURL(join(modules, 'src/index.js')).href
);

class Servers {}
Module({
  imports: [
    NameServerModule.forRoot({ listenPort: 0, kvConfigPath: join(directory, 'kvConfig.json') }),
    BrokerModule.forRoot({ listenPort: 0, storePathRootDir: join(directory, 'store') }),
  ],
})(Servers);

const app = await NestFactory.createApplicationContext(Servers, { logger: ['warn', 'error'] });
app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
console.log(JSON.stringify(['started', app.get(HostedNameServer).address]));
