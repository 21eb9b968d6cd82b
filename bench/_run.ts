import { seedSection } from './seed.ts';
await seedSection.run({} as never);
