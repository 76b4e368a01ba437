import { z } from 'zod'

/** What the chat sends with a port to the frame that draws. */
export const DiagramOrder = z.object({
  source: z.string().max(50_000),
  isDark: z.boolean(),
})
export type DiagramOrder = z.infer<typeof DiagramOrder>

const Side = z.number().positive().max(20_000)

/** A drawn diagram: a complete SVG document, and its size in CSS pixels. */
export const Drawing = z.object({ svg: z.string().max(5_000_000), title: z.string().max(1_000), width: Side, height: Side })
export type Drawing = z.infer<typeof Drawing>

/** The answer of the frame. */
export const DiagramAnswer = z.object({ drawing: Drawing.nullable() })
