import type { MachineSensors } from '../../../main/shared/hardware.ts'
import { clusterStrings } from './strings.ts'

/** `GPU 43% · 85 W · 61 °C`, as far as the machine tells. */
export function describeSensors({ gpuRatio, watts, celsius }: MachineSensors): string {
  return [
    ...(gpuRatio === undefined ? [] : [clusterStrings.gpu(Math.round(gpuRatio * 100))]),
    ...(watts === undefined ? [] : [`${Math.round(watts)} W`]),
    ...(celsius === undefined ? [] : [`${Math.round(celsius)} °C`]),
  ].join(' · ')
}
