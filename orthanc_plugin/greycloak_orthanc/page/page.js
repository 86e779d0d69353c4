// Greycloak's page: shows a resource, anonymizes it, follows the job. It only ever talks to the Orthanc it came from.
'use strict';

const ORTHANC = '../../';
const LEVELS = {
  patients: {name: 'patient', page: 'patient'},
  studies: {name: 'study', page: 'study'},
  series: {name: 'series', page: 'series'},
};

const byId = (id) => document.getElementById(id);
const show = (id, visible = true) => { byId(id).hidden = !visible; };

async function call(path, options = {}) {
  // A header that no page of another server can send.
  const headers = {...options.headers, 'X-Requested-With': 'Greycloak'};
  const response = await fetch(ORTHANC + path, {...options, headers});
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch (error) {
    if (response.ok) throw error;
  }
  if (!response.ok) {
    const missing = response.status === 404 ? 'It is not in this Orthanc, or not any more.' : '';
    throw new Error((answer && answer.Message) || missing || `Orthanc answered with status ${response.status}.`);
  }
  return answer;
}

const post = (path, body) => call(path, {
  method: 'POST',
  headers: {'Content-Type': 'application/json'},
  body: JSON.stringify(body),
});

function complain(error) {
  byId('error').textContent = error.message;
  show('error');
}

// Control and formatting characters, which could make a value look like another.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const plain = (text) => text.replace(HIDDEN, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);

function element(name, text, className = '') {
  const made = document.createElement(name);
  made.textContent = plain(text);
  made.className = className;
  return made;
}

function listFacts(list, facts) {
  list.replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => {
    const term = document.createElement('dt');
    const description = document.createElement('dd');
    term.textContent = name;
    description.textContent = value;
    return [term, description];
  }));
}

function listItems(list, texts) {
  list.replaceChildren(...texts.map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  }));
}

// One entry for each reason: how many, what to do, and which instances; with what can be done with each, if anything.
function listRefusals(list, reasons, refused, actions = () => []) {
  const told = JSON.stringify([reasons, refused.map((one) => one.ID || one.Instance)]);
  if (list.dataset.told === told) return; // what somebody has opened stays open
  list.dataset.told = told;
  list.replaceChildren(...reasons.map((reason) => {
    const entry = document.createElement('li');
    const instances = refused.filter((one) => one.Reason === reason.Reason);
    const which = document.createElement('details');
    which.append(element('summary', 'Which'), document.createElement('ul'));
    const lines = instances.map((one) => {
      const line = element('li', `Instance ${one.Instance}${one.Details ? `: ${one.Details}` : ''}`);
      line.append(...actions(one));
      return line;
    });
    const others = reason.Count - instances.length;
    which.querySelector('ul').append(...lines, ...(others > 0 ? [element('li', `and ${others} more`)] : []));
    entry.append(
      element('p', `${reason.Count} × ${reason.Message} [${reason.Reason}]`),
      element('p', reason.Remedy, 'remedy'),
      which,
    );
    return entry;
  }));
}

const isOpen = (job) => job.State === 'Pending' || job.State === 'Running';

async function follow(path, tell = () => {}) {
  for (let pause = 200; ; pause = Math.min(pause * 1.3, 2000)) {
    const job = await call(path);
    tell(job);
    if (!isOpen(job)) return;
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
}

function button(text, action) {
  const made = element('button', text, 'small');
  made.type = 'button';
  made.addEventListener('click', async () => {
    made.disabled = true;
    try {
      await action();
    } catch (error) {
      complain(error);
      made.disabled = false;
    }
  });
  return made;
}

// What can be done with an entry of the quarantine.
function entryActions(entry) {
  const path = `greycloak/quarantine/${entry.ID}`;
  const times = entry.Count > 1 ? `, tried ${entry.Count} times` : '';
  return [
    element('small', `Profile ${entry.Profile}, project ${entry.Project}${times}`),
    button('Try again', async () => {
      const job = await post(`${path}/retry`, {});
      await follow(job.Path.slice(1));
      await showOverview();
    }),
    button('Dismiss', async () => {
      await call(path, {method: 'DELETE'});
      await showOverview();
    }),
  ];
}

function countReasons(refused) {
  const counted = new Map();
  for (const one of refused) {
    const known = counted.get(one.Reason) || {...one, Count: 0};
    counted.set(one.Reason, {...known, Count: known.Count + 1});
  }
  return [...counted.values()].sort((one, other) => other.Count - one.Count);
}

function showRisks(risks) {
  const details = byId('at-risk');
  details.hidden = risks.InstancesCount === 0;
  details.querySelector('summary').textContent = `${risks.InstancesCount} may show identity in their pixels`;
  details.querySelector('.remedy').textContent = risks.Remedy;
  const told = risks.Instances.map((one) => {
    const item = document.createElement('li');
    const link = element('a', `Instance ${one.Instance}`);
    link.href = `${ORTHANC}app/explorer.html#instance?uuid=${one.Instance}`;
    item.append(link, `: ${one.Messages.join('; ')}`);
    return item;
  });
  const others = risks.InstancesCount - told.length;
  details.querySelector('ul').replaceChildren(...told, ...(others > 0 ? [element('li', `and ${others} more`)] : []));
}

function listOptions(select, entries) {
  select.replaceChildren(...entries.map((entry) => {
    const option = document.createElement('option');
    option.value = entry.Name;
    option.textContent = entry.Label || entry.Name;
    option.selected = entry.IsDefault;
    return option;
  }));
}

async function seriesOf(level, resource) {
  if (level === 'series') return [resource];
  return call(`${level}/${resource.ID}/series`);
}

async function showSource(level, id) {
  const resource = await call(`${level}/${id}`);
  const study = level === 'series' ? await call(`studies/${resource.ParentStudy}`) : resource;
  const patient = study.PatientMainDicomTags || study.MainDicomTags;
  const tags = level === 'patients' ? {} : study.MainDicomTags;
  const series = await seriesOf(level, resource);
  listFacts(byId('facts'), [
    ['Patient', (patient.PatientName || '').replaceAll('^', ' ').trim()],
    ['Patient ID', patient.PatientID],
    ['Birth date', patient.PatientBirthDate],
    ['Study', tags.StudyDescription],
    ['Study date', tags.StudyDate],
    ['Accession number', tags.AccessionNumber],
    ['Studies', level === 'patients' ? String(resource.Studies.length) : ''],
  ]);
  byId('series').tBodies[0].replaceChildren(...series.map((one) => {
    const row = document.createElement('tr');
    const cells = [one.MainDicomTags.Modality, one.MainDicomTags.SeriesDescription || '', one.Instances.length];
    for (const value of cells) row.insertCell().textContent = value;
    return row;
  }));
  listOptions(byId('preview-series'), series.map((one) => ({
    Name: one.Instances[Math.floor(one.Instances.length / 2)],
    Label: [one.MainDicomTags.Modality, one.MainDicomTags.SeriesDescription].filter(Boolean).join(' ') || 'a series',
  })));
  show('series', series.length > 0);
  show('source');
}

async function showChoices() {
  const [profiles, projects] = await Promise.all([call('greycloak/profiles'), call('greycloak/projects')]);
  const select = byId('profile');
  listOptions(select, profiles.map((profile) => ({
    ...profile,
    Label: profile.RemovesIdentity ? profile.Name : `${profile.Name} (identity stays)`,
  })));
  const describe = () => {
    const profile = profiles.find((one) => one.Name === select.value);
    byId('profile-title').textContent = profile.Title && `${profile.Title}.`;
    byId('profile-statement').href = `../profiles/${select.value}/statement`;
    const left = profile.Leaves.length ? ` It leaves: ${profile.Leaves.join(', ')}.` : '';
    byId('identity-stays').querySelector('p').textContent = `This profile does not remove the patient’s identity.${left}`;
    show('identity-stays', !profile.RemovesIdentity);
    byId('sure').required = !profile.RemovesIdentity;
    byId('sure').checked = false;
  };
  select.addEventListener('change', describe);
  describe();
  listOptions(byId('projects'), projects);
  byId('project').value = projects.find((project) => project.IsDefault).Name;
  show('choices');
}

function outcome(job) {
  if (job.ErrorDescription === 'Job was canceled') return 'Cancelled';
  const {FailedInstancesCount: failed, InstancesCount: all} = job.Content;
  return failed === all ? 'Nothing went through' : 'Done, but not everything went through';
}

function showJob(job, level) {
  const content = job.Content;
  const open = isOpen(job);
  const done = Math.round(content.InstancesCount * job.Progress / 100);
  byId('bar').value = job.Progress;
  byId('counts').textContent = `${done} of ${content.InstancesCount} instances`
    + (content.FailedInstancesCount ? `, ${content.FailedInstancesCount} not gone through` : '');
  byId('state').textContent = {
    Pending: 'Waiting', Running: 'Working', Success: 'Done',
  }[job.State] || outcome(job);
  show('cancel', open);
  if (!open && content.ID) {
    const link = document.createElement('a');
    const page = LEVELS[level].page;
    link.href = `${ORTHANC}app/explorer.html#${page}?uuid=${content.ID}`;
    link.id = 'result-link';
    link.textContent = `Open the anonymized ${LEVELS[level].name}`;
    byId('result').replaceChildren(link);
    show('result');
  }
  const details = byId('quarantined');
  details.hidden = content.Quarantined.length === 0;
  details.querySelector('summary').textContent = `${content.FailedInstancesCount} not gone through, and why`;
  listRefusals(details.querySelector('ul'), content.Reasons, content.Quarantined);
  showRisks(content.AtRisk);
}

function cell(row, ...parts) {
  const made = row.insertCell();
  made.append(...parts);
  return made;
}

function before(pieces) {
  const value = element('span', '', 'value');
  value.append(...pieces.map(([text, isCut]) => (isCut ? element('del', text) : plain(text))));
  return value;
}

function showRows(rows) {
  const body = document.createElement('tbody');
  const shown = byId('preview-all').checked ? rows : rows.filter((row) => row.What !== 'kept');
  for (const one of shown) {
    const row = body.insertRow();
    cell(row, one.Path.includes(one.Name) ? '' : plain(one.Name), element('small', one.Path));
    cell(row, one.What);
    cell(row, before(one.Before));
    cell(row, element('span', one.After, 'value'));
    cell(row, plain(one.Rule), ...[one.Section, one.Reason].filter(Boolean).map((text) => element('small', text)));
  }
  byId('preview-rows').tBodies[0].replaceWith(body);
}

async function preview() {
  show('error', false);
  byId('look').disabled = true;
  try {
    const said = await post('greycloak/preview', {
      Instance: byId('preview-series').value,
      Profile: byId('profile').value,
      Project: byId('project').value,
    });
    const more = said.RowsCount > said.Rows.length ? ` ${said.Rows.length} of ${said.RowsCount} lines are shown.` : '';
    byId('preview-said').textContent = said.Message
      ? `It would not go through: ${said.Message}.`
      : `Nothing is recorded. The subject would be ${said.Pseudonym}.${more}`;
    listItems(byId('preview-warnings'), said.Warnings);
    show('preview-warnings', said.Warnings.length > 0);
    byId('preview-all').onchange = () => showRows(said.Rows);
    showRows(said.Rows);
    show('preview');
    byId('preview').scrollIntoView({behavior: 'smooth'});
  } catch (error) {
    complain(error);
  } finally {
    byId('look').disabled = false;
  }
}

async function anonymize(level, id) {
  show('error', false);
  show('result', false);
  byId('run').disabled = true;
  try {
    const job = await post(`${level}/${id}/anonymize-greycloak`, {
      Profile: byId('profile').value,
      Project: byId('project').value,
      Asynchronous: true,
      KeepSource: true,
      Replace: byId('replace').checked,
    });
    const path = job.Path.slice(1);
    byId('cancel').onclick = () => post(`${path}/cancel`, {}).catch(complain);
    show('progress');
    byId('progress').scrollIntoView({behavior: 'smooth'});
    await follow(path, (one) => showJob(one, level));
  } catch (error) {
    complain(error);
  } finally {
    byId('run').disabled = false;
  }
}

async function showOverview() {
  const [status, refused] = await Promise.all([call('greycloak/status'), call('greycloak/quarantine')]);
  listFacts(byId('status'), [
    ['Version', `${status.Version}, ${status.Standard}`],
    ['Workers', String(status.Workers)],
    ['Key', `fingerprint ${status.KeyFingerprint}`],
    ['Anonymized', String(status.Work.done || 0)],
    ['Waiting', String((status.Work.pending || 0) + (status.Work.claimed || 0) + status.NotYetRecorded)],
  ]);
  listItems(byId('problems'), status.Problems.map((problem) => problem.Message));
  show('problems', !status.Healthy);
  listRefusals(byId('all-quarantined'), countReasons(refused), refused, entryActions);
  if (!refused.length) listItems(byId('all-quarantined'), ['Everything went through.']);
  show('overview');
}

async function start() {
  const asked = new URLSearchParams(window.location.search);
  const level = Object.keys(LEVELS).find((name) => asked.has(name));
  if (!level) {
    await showOverview();
    return;
  }
  const id = encodeURIComponent(asked.get(level));
  await showSource(level, id);
  await showChoices();
  byId('look').addEventListener('click', preview);
  byId('choices').addEventListener('change', () => show('preview', false));
  byId('choices').addEventListener('submit', (event) => {
    event.preventDefault();
    anonymize(level, id);
  });
}

start().catch(complain);
