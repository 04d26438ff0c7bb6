/** Pictures of a home: a rack, a label, a meter cupboard. On its page with the forms, and in its print. */
import { html } from 'hono/html';
import type { Picture } from '../desk/dossier/record.ts';
import { fold, form, type HomeDossier, handWords, inShort, line, removeForm } from './dossier-section.ts';
import { type Frame, type Html, mayDo, nothing } from './parts.ts';

/** Nothing of it where the people of the home are not for the reader's eyes either. */
export function picturesSection(site: string, { contacts, pictures }: HomeDossier, frame: Frame): Html {
  if (contacts === undefined) return nothing;
  return html`<section aria-labelledby="pictures-h" id="pictures"><h2 id="pictures-h">Pictures <span class="n">${pictures.length}</span></h2>
${pictures.length === 0 ? html`<p class="calm">There is no picture.</p>` : html`<ul class="pictures">${pictures.map((picture) => pictureItem(site, picture, frame))}</ul>`}
${mayDo(frame, 'note') ? fold('add-picture', 'Add a picture', pictureForm(site, frame)) : nothing}
</section>`;
}

function pictureItem(site: string, picture: Picture, frame: Frame): Html {
  const { no, version, caption } = picture;
  const address = `/sites/${site}/pictures/${no}`;
  return html`<li data-key="picture-${no}-${version}"><figure><a href="${address}"><img src="${address}" alt="${caption}" loading="lazy" decoding="async"></a><figcaption><bdi>${caption}</bdi></figcaption></figure>
${mayDo(frame, 'staff') ? html`<small class="hand">${handWords(picture)}</small>` : nothing}
${mayDo(frame, 'work') ? html`<div class="do">${fold('change', 'Change', captionForm(site, frame, picture), inShort(caption))}${fold('remove', 'Remove', removeForm(site, 'pictures', picture, frame), inShort(caption))}</div>` : nothing}</li>`;
}

function pictureForm(site: string, frame: Frame): Html {
  const fields = html`<label class="wide">Picture <input name="jpeg" type="file" accept="image/jpeg" required data-picture></label>
${line('caption', 'What it shows', undefined, { limit: 160, isNeeded: true, isWide: true, example: 'The rack in the cellar, from the left' })}
<p class="calm small wide">A JPEG of at most 1.5 MB. Where and when it was taken is not kept. The client sees it too: nobody in it, no codes and no passwords.</p>`;
  return form(site, 'pictures', 'add', undefined, frame, fields, 'Add it');
}

function captionForm(site: string, frame: Frame, picture: Picture): Html {
  const fields = line('caption', 'What it shows', picture.caption, { limit: 160, isNeeded: true, isWide: true });
  return form(site, 'pictures', 'change', picture, frame, fields, 'Save');
}
