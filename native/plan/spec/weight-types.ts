import { enumeration, list, one, optional, type SpecType, struct } from './spec-type.ts'

// The place of a weight in the model's files: native/engine/load/weight_source.h, and the first part of the plan.

const storedType = enumeration('StoredType', 'The element types that the engine reads, named as in safetensors.', {
  F32: 'Float32',
  F16: 'Float16',
  BF16: 'BFloat16',
  U32: 'Uint32',
  U8: 'Uint8',
})

const formKind = enumeration(
  'FormKind',
  'How the rows of a tensor follow from what the files hold. `words` are packed numbers, `biases` those of the affine mode.',
  {
    rows: 'Rows',
    elements: 'Elements',
    transposed: 'Transposed',
    'awq-words': 'AwqWords',
    'awq-biases': 'AwqBiases',
    'gptq-biases': 'GptqBiases',
    'packed-biases': 'PackedBiases',
    'symmetric-biases': 'SymmetricBiases',
    'requantized-words': 'RequantizedWords',
    'requantized-scales': 'RequantizedScales',
    'requantized-biases': 'RequantizedBiases',
  },
)

const valueLayout = enumeration(
  'ValueLayout',
  'What the values follow from that are quantized again. The order of activations: each column names its group.',
  {
    'float8-blocks': 'Float8Blocks',
    'small-floats': 'SmallFloats',
    'ordered-columns': 'OrderedColumns',
    'ordered-rows': 'OrderedRows',
  },
)

const storedMatrix = struct({ plan: 'StoredMatrix', spec: 'StoredMatrix' }, 'A whole tensor [rows, columns] in a file.', {
  file: one('integer', "Index into the plan's files."),
  offsetBytes: one('large', "Offset of the tensor's first byte in the file.", { cppName: 'offset' }),
  type: one(storedType),
  rows: one('large'),
  columns: one('large'),
})

const tensorForm = struct(
  { plan: 'TensorForm', spec: 'TensorForm' },
  'A tensor in the layout of another program, converted as it is read.',
  {
    kind: one(formKind),
    layout: one(valueLayout, 'Only for what is quantized again.'),
    from: list(
      storedMatrix,
      'Words or scales first, then scales, zero points, and the scale of the whole tensor or the groups of columns.',
    ),
    firstRow: one('large', 'The row that is row 0 of the tensor, if it is a part of a larger one.'),
    rowStride: one('large', 'From one row or element of the tensor to the next, in rows of the file. Packed numbers have 1.'),
    bits: one('integer', 'Bits of a packed number.'),
    zeroOffset: one('integer', 'What is added to each stored zero point.'),
    blockRows: one('large', 'Rows of a block that share a scale.'),
    blockColumns: one('large', 'Columns of a block that share a scale.'),
    factor: one('real', 'Of all values.'),
    isInverse: one('flag', 'The scale of the whole tensor divides the values.'),
  },
)

export const tensor = struct(
  { plan: 'TensorSource', spec: 'TensorSource' },
  'The part of a tensor [rows, columns] that a shard needs. A vector has one row.',
  {
    name: one('text'),
    file: one('integer', "Index into the plan's files."),
    offsetBytes: one('large', "Offset of the tensor's first byte in the file.", { cppName: 'offset' }),
    type: one(storedType),
    columns: one('large', 'The columns of the whole tensor.'),
    rowRange: one('range', null, { cppName: 'row' }),
    columnRange: one('range', null, { cppName: 'column' }),
    form: optional(tensorForm, 'The file and the offset are those of `form.from` then.'),
  },
  {
    methods: [
      'int64_t row_count() const { return row_end - row_begin; }',
      'int64_t column_count() const { return column_end - column_begin; }',
    ],
  },
)

const quantizationMode = enumeration(
  'QuantizationMode',
  'The quantization modes, named as in MLX. Affine: value = scale * number + bias, with one scale and bias ' +
    "per group of a row's columns. Mxfp: small floats times a power of two per group. Nvfp4: times an 8-bit float per group.",
  { affine: 'Affine', mxfp4: 'Mxfp4', mxfp8: 'Mxfp8', nvfp4: 'Nvfp4' },
)

const quantization = struct({ plan: 'QuantizationPlan', spec: 'QuantizationSource' }, 'The format of a quantized weight.', {
  mode: one(quantizationMode),
  bits: one('integer'),
  groupSize: one('integer'),
  scales: one(tensor),
  biases: optional(tensor, 'Only in the affine mode.'),
})

const columnCrop = struct(
  { plan: 'LayerRange', spec: 'ColumnCrop' },
  "Part of a weight's columns.",
  { start: one('large', null, { cppName: 'begin' }), end: one('large') },
  { importedFrom: '../../main/shared/shard.ts' },
)

export const matrix = struct(
  { plan: 'MatrixSource', spec: 'MatrixSource' },
  'A weight [outputs, inputs] and its bias [outputs].',
  {
    weight: one(tensor),
    quantization: optional(quantization),
    bias: optional(tensor),
    crop: optional(
      columnCrop,
      "If a rank's columns begin or end within a quantization group: the columns that it needs among those that are read. " +
        'This weight cannot stay quantized.',
    ),
  },
  {
    methods: [
      'int64_t outputs() const { return weight.row_count(); }',
      'int64_t stored_inputs() const { return quantization ? weight.column_count() * 32 / quantization->bits : weight.column_count(); }',
      'int64_t inputs() const { return crop ? crop->end - crop->begin : stored_inputs(); }',
    ],
  },
)

/** Each type is declared before it is used. */
export const weightTypes: readonly SpecType[] = [
  storedType,
  formKind,
  valueLayout,
  storedMatrix,
  tensorForm,
  tensor,
  quantizationMode,
  quantization,
  columnCrop,
  matrix,
]
