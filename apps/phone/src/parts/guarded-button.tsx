import { useRef, type ComponentProps } from 'react';
import { buttonClass, type ButtonLook } from './button.tsx';

type Props = Omit<ComponentProps<'button'>, 'onClick'> & { look: ButtonLook; armed: boolean; onPress: () => void };

/**
 * A button that acts only once armed, and only on a press that began after that: a tap meant for what was here
 * a moment ago does nothing. It acts once.
 */
export function GuardedButton({ look, armed, onPress, className = '', ...rest }: Props) {
  const begunArmed = useRef(false);
  const done = useRef(false);
  return (
    <button
      type="button"
      aria-disabled={!armed}
      className={`${buttonClass(look, true)} ${className}`}
      onPointerDown={() => {
        begunArmed.current = armed;
      }}
      onClick={(event) => {
        // A click without a pointer (keyboard, screen reader, switch) has detail 0.
        const fromPointer = event.detail > 0;
        if (!armed || done.current || (fromPointer && !begunArmed.current)) return;
        done.current = true;
        onPress();
      }}
      {...rest}
    />
  );
}
