export function bundlePage(): Promise<{ script: string; styles: string; packages: string[] }>;
