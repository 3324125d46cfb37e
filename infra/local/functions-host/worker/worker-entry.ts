import { enableCompileCache } from 'node:module';

// Half of the time in which a worker starts goes into compiling the same modules as the last time.
enableCompileCache();
await import('./worker-main.ts');
