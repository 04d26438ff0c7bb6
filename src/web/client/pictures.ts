/** Makes what somebody chooses small enough to be kept, and draws it anew: what its file says beside the picture (where it was taken) stays in this browser. */

const LONGEST_SIDE = 1600;
const MOST_BYTES = 1_500_000;
/** From one to the next until it is small enough. */
const QUALITIES = [0.85, 0.7, 0.5];

/** With the page's script any picture will do that this browser can show. */
export function acceptPictures(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>('input[data-picture]')) field.accept = 'image/*';
}

/** The fields of a form as they are sent, a picture as a JPEG in base64. Throws where it cannot be shown. */
export async function fieldsOf(form: HTMLFormElement): Promise<Record<string, unknown>> {
  const fields = [...new FormData(form)].map(
    async ([name, value]) => [name, typeof value === 'string' ? value : await shrunk(value)] as const,
  );
  return Object.fromEntries(await Promise.all(fields));
}

async function shrunk(file: File): Promise<string> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const drawing = canvas.getContext('2d') as CanvasRenderingContext2D;
  // What shows through would be black.
  drawing.fillStyle = '#fff';
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of QUALITIES) {
    const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (jpeg !== null && jpeg.size <= MOST_BYTES) return base64Of(jpeg);
  }
  throw new Error('it cannot be made small enough');
}

async function base64Of(blob: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = reject;
  });
  reader.readAsDataURL(blob);
  await read;
  return String(reader.result).replace(/^[^,]*,/, '');
}
