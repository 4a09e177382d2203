// @ts-check
/** Asks Python for another run after a while, unless it is drawn again or taken away before. */

/**
 * @param {{ data: { wait: number }, setTriggerValue: (name: string, value: number) => void }} component
 */
export default function ({ data, setTriggerValue }) {
  const timer = setTimeout(() => setTriggerValue("tick", Date.now()), data.wait)
  return () => clearTimeout(timer)
}
