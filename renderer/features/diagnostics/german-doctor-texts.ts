import type { DoctorTextCode } from '../../../main/shared/doctor/doctor-texts.ts'

/** The findings and fixes of exo doctor in German, with the same values as the English ones. */
export const germanDoctorTexts: Readonly<Record<DoctorTextCode, string>> = {
  more: 'und {count} weitere',

  'disk-space': '{free} von {total} frei für Modelle in {path}',
  'disk-space-fix': 'nicht benötigte Modelle löschen (exo models ls, exo models rm) oder HF_HOME auf einen größeren Datenträger setzen',
  'model-files-none': 'keine gespeichert',
  'model-files-good': '{count} gespeichert, keine beschädigt',
  'model-files-bad': '{model}: {reason}',
  'model-files-gated-fix': 'Zugang auf https://huggingface.co/{model} anfragen, dann HF_TOKEN auf ein Token dieses Kontos setzen',
  'model-files-space-fix': 'Speicherplatz schaffen, dann mit exo models pull fortsetzen',
  'model-files-unsupported-fix': 'exo unterstützt dieses Modell nicht: ein anderes Modell oder eine andere Quantisierung verwenden',
  'model-files-fix': 'exo models rm {model} ausführen, dann exo models pull {model}',
  'data-folder-good': '{path}',
  'data-folder-read-only': '{path} ist nicht beschreibbar',
  'data-folder-fix': 'Eigentümer oder Rechte ändern (chown, chmod) oder --data-dir verwenden',
  'disk-writes-once': '{path} ließ sich nicht schreiben (ein Versuch); die vorige Fassung bleibt',
  'disk-writes': '{path} ließ sich nicht schreiben ({attempts} Versuche); die vorige Fassung bleibt',
  'disk-writes-reason': '{reason}',
  'identity-file-new': 'wird beim ersten Start angelegt',
  'identity-file-good': '{path} ist nur für den Eigentümer lesbar',
  'identity-file-loose': 'andere Benutzer können {path} lesen (Rechte {mode}); die Datei beweist die Identität dieses Knotens',
  'identity-file-fix': 'chmod 600 {path}',
  'port-ours': 'dieser Knoten benutzt {port}',
  'port-free': '{port} ist frei',
  'port-forbidden': 'dieser Benutzer darf Port {port} nicht öffnen',
  'port-forbidden-fix': '{option} mit einem Port über 1023 verwenden',
  'port-taken': 'ein anderes Programm benutzt {port}',
  'port-taken-fix': 'dieses Programm beenden (lsof -i :{port} findet es) oder {option} mit einem anderen Port verwenden',

  memory: '{free} von {total} frei auf {machine}',
  'memory-fix':
    'ein Modell entladen (exo ps, DELETE /instance/ID), andere Programme beenden, einen kürzeren Kontext oder eine kleinere ' +
    'Quantisierung verwenden oder einen Rechner hinzufügen',
}
