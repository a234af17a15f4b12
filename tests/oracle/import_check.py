"""Reads real task definitions, services and manifests on its own and compares what `plimsoll import --to facts` says:
container names, images, requests, limits, replica counts, probes, sizes and bounds of autoscalers.

    import_check.py PLIMSOLL FOLDER...
"""
import json
import math
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path


# ---- a subset of YAML that Kubernetes manifests use ----
class Yaml:
    """Block and flow collections, plain and quoted scalars, | and > blocks, comments, several documents."""

    def __init__(self, text):
        self.lines = text.split('\n')
        self.at = 0

    @staticmethod
    def indent(line):
        return len(line) - len(line.lstrip(' '))

    def skip(self):
        while self.at < len(self.lines) and self.lines[self.at].lstrip()[:1] in ('', '#'):
            self.at += 1

    def documents(self):
        out = []
        self.skip()
        while self.at < len(self.lines):
            if self.lines[self.at].startswith('---'):
                self.at += 1
                self.skip()
                continue
            out.append(self.block(self.indent(self.lines[self.at])))
            self.skip()
        return out

    def ends(self, level):
        self.skip()
        if self.at >= len(self.lines) or self.lines[self.at].startswith('---'):
            return True
        return self.indent(self.lines[self.at]) < level

    def block(self, level):
        line = self.lines[self.at]
        return self.sequence(level) if re.match(r'-(\s|$)', line[level:]) else self.mapping(level)

    def sequence(self, level):
        out = []
        while (not self.ends(level) and self.indent(self.lines[self.at]) == level and
               re.match(r'-(\s|$)', self.lines[self.at][level:])):
            rest = self.lines[self.at][level + 1:]
            if not strip_comment(rest).strip():
                self.at += 1
                out.append(None if self.ends(level + 1) else self.block(self.indent(self.lines[self.at])))
                continue
            inner = level + 1 + self.indent(rest)
            if split_key(rest.strip()) or re.match(r'-\s', rest.strip()):
                self.lines[self.at] = ' ' * inner + rest.strip()
                out.append(self.block(inner))
            else:
                out.append(self.value(rest.strip(), level))
        return out

    def mapping(self, level):
        out = {}
        while not self.ends(level) and self.indent(self.lines[self.at]) == level:
            found = split_key(self.lines[self.at].strip())
            if not found:
                break
            key, rest = found
            rest = strip_comment(rest).strip() if rest[:1] not in ('"', "'") else rest.strip()
            if rest:
                out[key] = self.value(rest, level)
                continue
            self.at += 1
            if self.ends(level):
                out[key] = None
                continue
            deeper = self.indent(self.lines[self.at])
            if deeper > level or re.match(r'-(\s|$)', self.lines[self.at][level:]):
                out[key] = self.block(deeper)
            else:
                out[key] = None
        return out

    def value(self, text, level):
        """A value that begins on this line; level: indentation of its parent."""
        self.at += 1
        if re.fullmatch(r'[|>][+-]?\d*', text):
            lines = []
            while self.at < len(self.lines) and (not self.lines[self.at].strip() or
                                                 self.indent(self.lines[self.at]) > level):
                lines.append(self.lines[self.at].strip())
                self.at += 1
            return ('\n' if text[0] == '|' else ' ').join(lines).strip()
        if text[0] in '[{':
            while not balanced(text):
                text += ' ' + strip_comment(self.lines[self.at]).strip()
                self.at += 1
            return Flow(text).value()
        if text[0] in '"\'':
            return Flow(text).value()
        # A plain scalar may go on in deeper lines.
        while not self.ends(level + 1):
            text += ' ' + strip_comment(self.lines[self.at]).strip()
            self.at += 1
        return plain(strip_comment(text).strip())


def balanced(text):
    quote, depth = '', 0
    for c in text:
        if quote:
            quote = '' if c == quote else quote
        elif c in '"\'':
            quote = c
        else:
            depth += (c in '[{') - (c in ']}')
    return depth == 0 and not quote


def strip_comment(text):
    quote = ''
    for i, c in enumerate(text):
        if quote:
            quote = '' if c == quote else quote
        elif c in '"\'' and (i == 0 or text[i - 1] in ' [{,:'):
            quote = c
        elif c == '#' and (i == 0 or text[i - 1] == ' '):
            return text[:i]
    return text


def split_key(text):
    m = re.match(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s"\'\[\]{}#&*!|>%@`,-][^#]*?|-[^\s#][^#]*?):(?:\s+(.*)|)$', text)
    return (m.group(1).strip('"\''), m.group(2) or '') if m else None


def plain(text):
    if text in ('', '~', 'null'):
        return None
    if text in ('true', 'false'):
        return text == 'true'
    return int(text) if re.fullmatch(r'[-+]?\d+', text) else text


class Flow:
    def __init__(self, text):
        self.text, self.at = text, 0

    def space(self):
        while self.at < len(self.text) and self.text[self.at] in ' \t':
            self.at += 1

    def value(self, stops=''):
        self.space()
        c = self.text[self.at] if self.at < len(self.text) else ''
        if c == '[':
            self.at += 1
            out = []
            while True:
                self.space()
                if self.text[self.at] == ']':
                    self.at += 1
                    return out
                out.append(self.value(',]'))
                self.space()
                self.at += self.text[self.at] == ','
        if c == '{':
            self.at += 1
            out = {}
            while True:
                self.space()
                if self.text[self.at] == '}':
                    self.at += 1
                    return out
                key = self.value(':')
                self.space()
                self.at += 1
                out[key] = self.value(',}')
                self.space()
                self.at += self.text[self.at] == ','
        if c == '"':
            end = self.at + 1
            while self.text[end] != '"':
                end += 2 if self.text[end] == '\\' else 1
            raw = self.text[self.at:end + 1]
            self.at = end + 1
            return json.loads(raw)
        if c == "'":
            end = self.text.index("'", self.at + 1)
            raw = self.text[self.at + 1:end]
            self.at = end + 1
            return raw
        end = self.at
        while end < len(self.text) and self.text[end] not in stops:
            end += 1
        raw = self.text[self.at:end].strip()
        self.at = end
        return plain(raw)


# ---- quantities ----
SUFFIX = {'': 1, 'n': Fraction(1, 10**9), 'u': Fraction(1, 10**6), 'm': Fraction(1, 1000), 'k': 10**3, 'M': 10**6,
          'G': 10**9, 'T': 10**12, 'Ki': 2**10, 'Mi': 2**20, 'Gi': 2**30, 'Ti': 2**40}


def quantity(value):
    m = re.fullmatch(r'([\d.]+)([A-Za-z]*)', str(value))
    return Fraction(m.group(1)) * SUFFIX[m.group(2)]


def vcpu(text):
    """The program's own words: 250m, 1, 0.25 vCPU, 1024 CPU units."""
    m = re.fullmatch(r'([\d.]+)\s*(m|vCPU|CPU units)?', text)
    return Fraction(m.group(1)) * {'m': Fraction(1, 1000), 'CPU units': Fraction(1, 1024)}.get(m.group(2), 1)


# ---- what the files say ----
def probe(kind, p, start, period, timeout, failures):
    return (kind, p.get(start[0]) or start[1], p.get(period[0]) or period[1], p.get(timeout[0]) or timeout[1],
            p.get(failures[0]) or failures[1])


def kubernetes_container(c, init):
    requests = dict((c.get('resources') or {}).get('requests') or {})
    limits = (c.get('resources') or {}).get('limits') or {}
    for key, value in limits.items():
        requests.setdefault(key, value)  # defaulting: a limit without a request is the request too

    def cpu(amounts):  # whole milliCPU, upwards
        return Fraction(math.ceil(quantity(amounts['cpu']) * 1000), 1000) if 'cpu' in amounts else None

    def memory(amounts):
        return math.ceil(quantity(amounts['memory'])) if 'memory' in amounts else None

    probes = [probe(k, c[k + 'Probe'], ('initialDelaySeconds', 0), ('periodSeconds', 10), ('timeoutSeconds', 1),
                    ('failureThreshold', 3))
              for k in ('startup', 'readiness', 'liveness') if c.get(k + 'Probe')]
    return (c['name'], c['image'], init, cpu(requests), cpu(limits), memory(requests), memory(limits), probes)


def of_kubernetes(doc):
    kind = doc['kind']
    if kind.endswith('List'):
        return [x for item in doc['items'] for x in of_kubernetes(item)]
    spec = doc.get('spec') or {}
    if kind == 'HorizontalPodAutoscaler':
        cpu = spec.get('targetCPUUtilizationPercentage')
        for m in spec.get('metrics') or []:
            if m['type'] == 'Resource' and m['resource']['name'] == 'cpu':
                cpu = m['resource'].get('targetAverageUtilization') or m['resource']['target'].get('averageUtilization')
        if cpu is None and not spec.get('metrics'):
            cpu = 80
        return [{'kind': kind, 'name': spec['scaleTargetRef']['name'], 'minimum': spec.get('minReplicas', 1),
                 'maximum': spec['maxReplicas'], 'cpu': cpu}]
    if kind not in ('Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod'):
        return []
    outer = spec['jobTemplate']['spec'] if kind == 'CronJob' else spec
    pod = spec if kind == 'Pod' else outer['template']['spec']
    replicas = {'DaemonSet': None, 'Job': outer.get('parallelism', 1), 'CronJob': outer.get('parallelism', 1)}.get(
        kind, spec.get('replicas', 1))
    return [{'kind': kind, 'name': doc['metadata'].get('name') or doc['metadata']['generateName'], 'replicas': replicas,
             'stop': pod.get('terminationGracePeriodSeconds', 30),
             'containers': [kubernetes_container(c, False) for c in pod['containers']] +
                           [kubernetes_container(c, True) for c in pod.get('initContainers') or []]}]


def of_ecs(doc):
    if 'containerDefinitions' in doc:
        containers = []
        for c in doc['containerDefinitions']:
            cpu = Fraction(int(c['cpu']), 1024) if c.get('cpu') else None
            hard = c['memory'] * 2**20 if c.get('memory') else None
            soft = c['memoryReservation'] * 2**20 if c.get('memoryReservation') else hard
            h = c.get('healthCheck')
            probes = [probe('health check', h, ('startPeriod', 0), ('interval', 30), ('timeout', 5),
                            ('retries', 3))] if h else []
            containers.append((c['name'], c['image'], False, cpu, None, soft, hard, probes))
        # The task's size, or else the sum over its containers: what is reserved.
        cpu = Fraction(int(doc['cpu']), 1024) if doc.get('cpu') else sum((c[3] or 0 for c in containers), Fraction(0))
        memory = int(doc['memory']) * 2**20 if doc.get('memory') else sum(c[5] or 0 for c in containers)
        return [{'kind': 'task definition', 'name': doc['family'], 'containers': containers, 'size': (cpu, memory),
                 'stop': max(c.get('stopTimeout') or 30 for c in doc['containerDefinitions'])}]
    if 'serviceName' in doc:
        daemon = doc.get('schedulingStrategy') == 'DAEMON'
        return [{'kind': 'service', 'name': doc['serviceName'], 'replicas': None if daemon else doc.get('desiredCount'),
                 'family': doc['taskDefinition'].split('/')[-1].split(':')[0]}]
    return []


def of_file(path):
    text = path.read_text()
    if path.suffix == '.json':
        doc = json.loads(text)
        return of_kubernetes(doc) if 'apiVersion' in doc else of_ecs(doc)
    return [x for doc in Yaml(text).documents() if doc for x in of_kubernetes(doc)]


# ---- comparison ----
def said_container(c):
    probes = [(p['kind'], p['start_us'] / 1e6, p['period_us'] / 1e6, p['timeout_us'] / 1e6, p['failures'])
              for p in c['probes']]
    return (c['name'], c['image'], c['init'], vcpu(c['cpu_request']) if c['cpu_request'] else None,
            vcpu(c['cpu_limit']) if c["cpu_limit"] else None,
            c["memory_request_bytes"], c["memory_limit_bytes"], probes)


def differences(expected, said):
    out = []

    def check(what, want, got):
        if want != got:
            out.append(f'{what}: the file says {want}, the program {got}')

    if 'containers' in expected:
        check('containers', expected['containers'], [said_container(c) for c in said['containers']])
    if 'replicas' in expected:
        check('replicas', expected['replicas'], said['replicas'])
    if 'stop' in expected:
        check('stop', expected['stop'] * 1_000_000, said['stop_grace_us'])
    if 'size' in expected:
        check('cpu', expected['size'][0], vcpu(said['size']['cpu']))
        check('memory', expected['size'][1], said['size']['memory_bytes'])
    if 'family' in expected:
        check('family', expected['family'], said['definition'])
    if 'minimum' in expected:
        check('minimum', expected['minimum'], said['scale_minimum'])
        check('maximum', expected['maximum'], said['scale_maximum'])
        check('cpu target', None if expected['cpu'] is None else expected['cpu'] * 10_000, said['scale_cpu_ppm'])
    return out


def main():
    program, folders = sys.argv[1], sys.argv[2:]
    files = sorted(f for folder in folders for f in Path(folder).iterdir() if f.suffix in ('.json', '.yaml', '.yml'))
    failed = containers = entries = 0
    for file in files:
        expected = of_file(file)
        run = subprocess.run([program, 'import', str(file), '--to', 'facts'], capture_output=True, text=True,
                             check=False)
        said = [json.loads(line) for line in run.stdout.splitlines()]
        faults = []
        for e in expected:
            found = next((s for s in said if (s['kind'], s['name']) == (e['kind'], e['name'])), None)
            if found is None:
                faults.append(f"{e['kind']} {e['name']} is missing")
                continue
            faults += [f"{e['kind']} {e['name']}: {d}" for d in differences(e, found)]
        known = {(e['kind'], e['name']) for e in expected}
        faults += [f"{s['kind']} {s['name']} is not in the file" for s in said
                   if s['kind'] not in ('PodDisruptionBudget', 'Service', 'Ingress') and
                   (s['kind'], s['name']) not in known]
        for fault in faults:
            print(f'{file.name}: {fault}')
        failed += bool(faults)
        entries += len(expected)
        containers += sum(len(e.get('containers', [])) for e in expected)
    print(f'{len(files)} files, {entries} entries, {containers} containers compared; {failed} files differ')
    return 1 if failed or containers < 40 else 0


if __name__ == '__main__':
    sys.exit(main())
