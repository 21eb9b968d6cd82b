/** A time in Go's form: `1h2m3s`, leading zeros left out, as upstream's times are. */
export function renderElapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const hourText = hours > 0 ? `${hours}h` : '';
  return `${hourText}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`;
}
