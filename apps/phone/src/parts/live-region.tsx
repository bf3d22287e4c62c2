/** Words for screen readers only, spoken when they change: at once, or after what is being read. */
export function LiveRegion({ urgent, children }: { urgent: boolean; children: string }) {
  return (
    <div role={urgent ? 'alert' : 'status'} aria-live={urgent ? 'assertive' : 'polite'} className="sr-only">
      {children}
    </div>
  );
}
