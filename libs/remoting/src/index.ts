export * from './address.js';
export * from './config-no-effect.js';
export * from './connection.js';
export * from './handler.js';
export * from './handler-check.js';
export * from './options.js';
export * from './remoting-client.js';
export * from './remoting-server.js';
