import { decoderTypes } from './decoder-types.ts'
import { formatHeader } from './format-header.ts'
import { formatPlan } from './format-plan.ts'
import { formatReader } from './format-reader.ts'
import { weightTypes } from './weight-types.ts'

const WRITTEN = '// Written by `node setup/generate/write-decoder-spec.mjs` from native/plan/spec: change the tables there.'

/** Everything that follows from the tables of the plan: each file's path and text. */
export function writtenFiles(): Readonly<Record<string, string>> {
  const types = [...weightTypes, ...decoderTypes]
  return {
    'native/plan/decoder-plan.ts': formatPlan(types, WRITTEN),
    'native/engine/load/weight_source.h': formatHeader(weightTypes, {
      head: WRITTEN,
      includes: ['#include <cstdint>', '#include <optional>', '#include <string>', '#include <vector>'],
      end: '/// Weights that read the same input; their outputs lie side by side.\nusing LinearSource = std::vector<MatrixSource>;',
    }),
    'native/engine/model/decoder_spec.h': formatHeader(decoderTypes, {
      head: WRITTEN,
      includes: [
        '#include <cmath>',
        '#include <cstdint>',
        '#include <optional>',
        '#include <string>',
        '#include <vector>',
        '',
        '#include "../load/weight_source.h"',
      ],
      end: '',
    }),
    'native/binding/convert_decoder.cpp': formatReader(types, WRITTEN),
  }
}
